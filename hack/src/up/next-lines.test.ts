import { expect, it } from 'vitest';
import { nextLines } from './next-lines.ts';

it('says how to reach the cluster, and how to get the plugin before it is used', () => {
  const lines = nextLines({ cluster: { kubeconfig: '/state/kubeconfig' }, gateway: undefined }, { repository: '/clone', down: './hack/down' });
  const at = (text: string) => lines.findIndex((line) => line.includes(text));
  expect(lines).toContain('  export KUBECONFIG=/state/kubeconfig');
  expect(at('export PATH="/clone/cli/bin:$PATH"')).toBeGreaterThan(0);
  expect(at('kubectl sluice status support')).toBeGreaterThan(at('export PATH='));
  expect(lines.at(-1)).toBe('To remove it all: ./hack/down');
});
