import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandError } from '../process/command.ts';
import type { ClusterCommands } from './cluster-command.ts';
import { writeStoryRecord } from './story-record.ts';
import { ensureStory, type StoryRequest } from './tell-story.ts';

const SUMMARY = ['v1: Promoted after 10 s'];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-story-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The story itself cannot be told here: its first step, on a kubeconfig that does not exist, throws. */
function request(changes: Partial<StoryRequest>, ready: string | CommandError = '3'): StoryRequest {
  const commands: ClusterCommands = {
    kubectlPath: '/nonexistent/kubectl',
    kubectl: async () => (ready instanceof CommandError ? Promise.reject(ready) : ready),
    helm: async () => '',
  };
  const shared = { kubeconfig: join(folder, 'none'), testToolsImage: 't', signal: new AbortController().signal };
  return { ...shared, commands, log: () => undefined, terminal: process.stderr, recordPath: join(folder, 'story.json'), version: 'v', when: 'changed', ...changes };
}

test('a story that this version told, whose agent still serves, is recalled', async () => {
  await writeStoryRecord(join(folder, 'story.json'), { version: 'v', summary: SUMMARY });
  expect(await ensureStory(request({}))).toEqual({ verdict: 'told before', summary: SUMMARY });
});

test.each([
  ['another version', { version: 'w' }, '3'],
  ['the wish to see it again', { when: 'always' as const }, '3'],
  ['an agent without ready pods', {}, ''],
  ['an agent that is gone', {}, new CommandError('not found', '')],
])('%s tells it anew', async (_title, changes, ready) => {
  await writeStoryRecord(join(folder, 'story.json'), { version: 'v', summary: SUMMARY });
  await expect(ensureStory(request(changes, ready))).rejects.toThrow(folder);
});
