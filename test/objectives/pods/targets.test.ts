import { expect, test } from 'vitest';
import { targetsOf } from './targets.ts';

test('each running pod is scraped once, under its own name', () => {
  const metadata = (name: string) => ({ name, namespace: 'shop' });
  const pods = [
    { metadata: metadata('a'), status: { phase: 'Running', podIP: '10.0.0.7' } },
    { metadata: metadata('pending'), status: { phase: 'Pending', podIP: '10.0.0.8' } },
    { metadata: metadata('no-address'), status: { phase: 'Running' } },
    { metadata: metadata('unseen') },
  ];
  expect(targetsOf(pods)).toEqual([{ targets: ['10.0.0.7:8080'], labels: { namespace: 'shop', pod: 'a' } }]);
});
