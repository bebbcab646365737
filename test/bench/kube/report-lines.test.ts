import { describe, expect, it } from 'vitest';
import { parseReportLine } from './report-lines.ts';

describe('parseReportLine', () => {
  it('reads a mark, with the kubeconfig that the canned server adds', () => {
    expect(parseReportLine('{"mark":"synced"}')).toEqual({ kind: 'mark', stage: 'synced', kubeconfig: undefined });
    expect(parseReportLine('{"mark":"ready","kubeconfig":"/a/b"}')).toEqual({ kind: 'mark', stage: 'ready', kubeconfig: '/a/b' });
  });

  it('reads figures', () => {
    expect(parseReportLine('{"figures":{"seconds":1.5,"events":2}}')).toEqual({ kind: 'figures', figures: { seconds: 1.5, events: 2 } });
  });

  it.each([
    ['Warning: something', 'a line of JSON was expected'],
    ['3', 'a line of JSON was expected'],
    ['{"other":1}', 'neither a mark nor figures'],
    ['{"figures":null}', 'neither a mark nor figures'],
    ['{"figures":{"seconds":null}}', 'the figure seconds is null: a number was expected'],
    ['{"figures":{"seconds":"1"}}', 'the figure seconds is "1": a number was expected'],
  ])('refuses %s', (line, message) => {
    expect(() => parseReportLine(line)).toThrow(message);
  });
});
