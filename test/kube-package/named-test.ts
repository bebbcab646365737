/**
 * Whether a source text declares a test of that title that runs: 'absent' when it is not there, 'skipped' when it or a group around it
 * is skipped, still to do, expected to fail, or not among the only ones.
 */
export function namedTest(text: string, title: string): 'runs' | 'skipped' | 'absent' {
  const declared = text.split('\n').filter((line) => declares(line, title));
  if (declared.length === 0) return 'absent';
  if (declared.some((line) => /\.(?:skip|skipIf|runIf|todo|fails)\b/.test(line))) return 'skipped';
  return /\b(?:describe|it|test)\.(?:only|skip|skipIf|runIf|todo|fails)\b/.test(text) ? 'skipped' : 'runs';
}

function declares(line: string, title: string): boolean {
  // A table of cases may take several lines: its last one, `])('title'`, then names the test.
  if (!/^\s*(?:(?:test|it)(?:\.\w+)?\s*\(|\]\)\()/.test(line)) return false;
  return [`'${title.replaceAll("'", String.raw`\'`)}'`, `"${title}"`, `\`${title}\``].some((quoted) => line.includes(`(${quoted}`));
}

/** The titles of tests (not of groups) that begin with `row <section>/`. */
export function rowTitles(text: string): { readonly section: string; readonly title: string }[] {
  const found = text.matchAll(/(?:^\s*(?:(?:test|it)\b[^'"`\n]*?|\]\))\(|\)\()(?<quote>['"`])(?<title>row (?<section>[ABD][\d.]*)\/.*?)(?<!\\)\k<quote>\s*,/gm);
  return Array.from(found, ({ groups }) => ({ section: groups?.['section'] ?? '', title: (groups?.['title'] ?? '').replaceAll(String.raw`\'`, "'") }));
}
