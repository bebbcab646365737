import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleAgent, sampleProvider, sampleRecord, sampleTool } from '../../../operator/src/revision/testing/sample-agent.ts';
import { renderRevision } from '../../../operator/src/revision/record.ts';
import { recorded } from '../fixtures/recorded-surroundings.ts';
import { run } from '../run.ts';
import { lineChanges } from './line-changes.ts';
import { revisionDiff } from './revision-diff.ts';

const env = (value: string) => ({ spec: { template: { spec: { containers: [{ name: 'agent', env: [{ name: 'KEY', value }] }] } } } });
const prompted = (promptText: string) => renderRevision({ agent: sampleAgent(), provider: sampleProvider(), promptText });

describe('what differs between two revisions', () => {
  it('is nothing of one and the same', () => {
    expect(revisionDiff(sampleRecord(), sampleRecord())).toEqual([]);
  });

  it('is image and model with their names, and nothing of the pods because of them', () => {
    const after = sampleRecord({ agent: { image: 'example.com/sluice/runtime:2', model: { providerRef: { name: 'anthropic' }, name: 'other' } } });
    expect(revisionDiff(sampleRecord(), after)).toEqual(['image: example.com/sluice/runtime:1.2.3 -> example.com/sluice/runtime:2', 'model: claude-x-20260101 -> other']);
  });

  it('is the prompt line by line, with one line around', () => {
    expect(revisionDiff(prompted('a\nb\nc\nd\ne'), prompted('a\nb\nc\nD\u001b[2J\ne'))).toEqual(['prompt:', '    c', '  - d', '  + D [2J', '    e']);
  });

  it('is which tools changed, and where', () => {
    const after = sampleRecord({ agent: { tools: [{ ...sampleTool, timeout: '1s' }, { ...sampleTool, name: 'refunds' }] } });
    expect(revisionDiff(sampleRecord(), after)).toEqual(['tool orders: changed (timeoutMs)', 'tool refunds: added']);
  });

  it('is never a value of the pods, which may be a secret', () => {
    const lines = revisionDiff(sampleRecord(env('sk-old')), sampleRecord(env('sk-new')));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^pod spec\.containers\[0\]\.env\[\d+\]\.value: changed$/);
  });
});

describe('changes of lines', () => {
  it('make one text from the other', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 12 }).map((lines) => lines.join('\n'));
    fc.assert(fc.property(text, text, (before, after) => {
      const changes = lineChanges(before, after);
      const side = (sign: '-' | '+') => changes.filter((change) => change.sign === ' ' || change.sign === sign).map(({ line }) => line).join('\n');
      expect([side('-'), side('+')]).toEqual([before, after]);
    }));
  });
});

it.each([[['diff']], [['diff', 'support', 'NOT']], [['diff', 'support', 'a', 'b', 'c']]])('%j is a wrong command line', async (args) => {
  const { surroundings, stderr } = recorded();
  expect(await run(args, surroundings)).toBe(64);
  expect(stderr()).toContain('see: kubectl sluice diff --help');
});
