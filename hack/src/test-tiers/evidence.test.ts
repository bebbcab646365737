import { expect, test } from 'vitest';
import { CommandError } from '../process/command.ts';
import type { ClusterCommands } from '../up/cluster-command.ts';
import { recordEvidence } from './evidence.ts';

async function record(kubectl: ClusterCommands['kubectl']): Promise<string> {
  const written: string[] = [];
  await recordEvidence({ kubectlPath: 'kubectl', kubectl, helm: async () => '' }, (text) => written.push(text), new AbortController().signal);
  return written.join('\n');
}

test('each answer follows its question, and an answer that fails hides no other', async () => {
  const text = await record(async (args) => (args.includes('events') ? Promise.reject(new CommandError('the server is busy', '')) : `answer to ${args.at(-1)}`));
  expect(text).toContain('--- kubectl get pods --all-namespaces -o wide\nanswer to wide');
  expect(text).toContain('--- kubectl -n sluice-demo get events --sort-by=.lastTimestamp\nthe server is busy');
  expect(text).toContain('answer to --tail=500');
});

test('Secrets are never asked for', async () => {
  const asked: string[] = [];
  await record(async (args) => {
    asked.push(args.join(' '));
    return '';
  });
  expect(asked.filter((question) => /secret|all,|\ball\b/i.test(question.replaceAll('--all-', '--')))).toEqual([]);
});

test('an error that is not of kubectl ends the recording', async () => {
  await expect(record(async () => Promise.reject(new TypeError('a mistake')))).rejects.toThrow('a mistake');
});
