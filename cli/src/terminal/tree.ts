import { type Cell, columns } from './columns.ts';

/** One row of a tree; its first cell is its name. */
export interface Branch {
  readonly cells: readonly [Cell, ...Cell[]];
  readonly branches?: readonly Branch[];
}

/** A tree with aligned columns, in lines of at most `width` characters. */
export function tree(root: Branch, width?: number): string[] {
  const { branches = [] } = root;
  const [name, ...rest] = root.cells;
  return columns([[{ ...name, under: trunk(branches) }, ...rest], ...rowsOf(branches, '')], width);
}

function rowsOf(branches: readonly Branch[], indent: string): (readonly Cell[])[] {
  return branches.flatMap((branch, index) => {
    const isLast = index === branches.length - 1;
    const { branches: below = [], cells: [name, ...rest] } = branch;
    const deeper = `${indent}${isLast ? '   ' : '│  '}`;
    const row = [{ ...indented(name, `${indent}${isLast ? '└─ ' : '├─ '}`), under: `${deeper}${trunk(below)}` }, ...rest];
    return [row, ...rowsOf(below, deeper)];
  });
}

/** What leads on to branches that are still to come. */
function trunk(branches: readonly Branch[]): string {
  return branches.length === 0 ? '' : '│  ';
}

/** The lines of the tree keep their colour. */
function indented({ text, paint }: Cell, prefix: string): Cell {
  return { text: `${prefix}${text}`, ...(paint === undefined ? {} : { paint: () => `${prefix}${paint(text)}` }) };
}
