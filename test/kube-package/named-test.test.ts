import { expect, test } from 'vitest';
import { namedTest, rowTitles } from './named-test.ts';

test('finds a test by its title, in any quotes, in a table too', () => {
  expect(namedTest("  it('does it', async () => {", 'does it')).toBe('runs');
  expect(namedTest(String.raw`test('client-go\'s way', () => {`, "client-go's way")).toBe('runs');
  expect(namedTest('test("client-go\'s way", () => {', "client-go's way")).toBe('runs');
  expect(namedTest("  it.each([[1], [2]])('%i is more', (n) => {", '%i is more')).toBe('runs');
  expect(namedTest("it.each([\n  [1],\n])('%i is more', (n) => {", '%i is more')).toBe('runs');
  expect(namedTest("test.prop([fc.nat()])('holds', (n) => {", 'holds')).toBe('runs');
});

test('does not take a part of a title, or a mention, for the test', () => {
  expect(namedTest("it('does it twice', () => {", 'does it')).toBe('absent');
  expect(namedTest("// it('does it')\nexpect('does it').toBe(1);", 'does it')).toBe('absent');
});

test('a test that is skipped, or stands beside an only, does not run', () => {
  for (const text of ["it.skip('a', () => {", "it.todo('a')", "test.fails('a', () => {", "describe.skip('x', () => {\n  it('a', () => {", "it.only('b', () => {});\nit('a', () => {"]) {
    expect(namedTest(text, 'a'), text).toBe('skipped');
  }
});

test('titles that name a row are found with their section, groups are not', () => {
  // Put together, so that this file itself has no such title.
  const row = 'row';
  const text = String.raw`describe('${row} A.2/group', () => {
  it('${row} A.2/reset: goes on', async () => {
  it.each([1, 2])('${row} B.1/n: client-node\'s %i', (n) => {
    expect('${row} B.2/no');`;
  expect(rowTitles(text)).toEqual([{ section: 'A.2', title: 'row A.2/reset: goes on' }, { section: 'B.1', title: "row B.1/n: client-node's %i" }]);
});
