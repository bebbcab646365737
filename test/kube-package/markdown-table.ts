/** The data rows of every table of `text`, cells trimmed. A pipe inside code is written `\|`. */
export function tableRows(text: string): string[][] {
  const rows: string[][] = [];
  let lines: string[] = [];
  for (const line of [...text.split('\n'), '']) {
    if (line.startsWith('|')) lines.push(line);
    else {
      // The first two are the header and its rule.
      rows.push(...lines.slice(2).map(cells));
      lines = [];
    }
  }
  return rows;
}

function cells(line: string): string[] {
  return line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'));
}

/** The texts of a cell that are set as code. */
export function codeIn(cell: string): string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), (match) => match[1] ?? '');
}
