import { describe, expect, it } from 'vitest';
import { withResults } from './document.ts';

const document = 'before\n<!-- bench:kube begin -->\nold\n<!-- bench:kube end -->\nafter\n';

describe('withResults', () => {
  it('exchanges what is between the markers and nothing else', () => {
    expect(withResults(document, 'new')).toBe('before\n<!-- bench:kube begin -->\n\nnew\n\n<!-- bench:kube end -->\nafter\n');
  });

  it('exchanges those of one benchmark alone', () => {
    const two = `${document}<!-- bench:runtime begin -->\nold\n<!-- bench:runtime end -->\n`;
    expect(withResults(two, 'new', 'bench:runtime')).toBe(`${document}<!-- bench:runtime begin -->\n\nnew\n\n<!-- bench:runtime end -->\n`);
  });

  it('gives the same again when it is done twice', () => {
    expect(withResults(withResults(document, 'new'), 'new')).toBe(withResults(document, 'new'));
  });

  it.each([
    ['no markers', 'text'],
    ['no end', '<!-- bench:kube begin -->'],
    ['the wrong order', '<!-- bench:kube end --><!-- bench:kube begin -->'],
    ['two of them', document + document],
  ])('refuses a document with %s', (_, text) => {
    expect(() => withResults(text, 'new')).toThrow('the document needs one line');
  });
});
