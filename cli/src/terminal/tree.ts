import { type Cell, columns } from './columns.ts';

/** One row of a tree; its first cell is its name. */
export interface Branch {
  readonly cells: readonly [Cell, ...Cell[]];
  readonly branches?: readonly Branch[];
}

/** A tree with aligned columns. */
export function tree(root: Branch): string[] {
  return columns([root.cells, ...rowsOf(root.branches ?? [], '')]);
}

function rowsOf(branches: readonly Branch[], indent: string): (readonly Cell[])[] {
  return branches.flatMap((branch, index) => {
    const isLast = index === branches.length - 1;
    const [name, ...rest] = branch.cells;
    const row = [indented(name, `${indent}${isLast ? '└─ ' : '├─ '}`), ...rest];
    return [row, ...rowsOf(branch.branches ?? [], `${indent}${isLast ? '   ' : '│  '}`)];
  });
}

/** The lines of the tree keep their colour. */
function indented({ text, paint }: Cell, prefix: string): Cell {
  return { text: `${prefix}${text}`, ...(paint === undefined ? {} : { paint: () => `${prefix}${paint(text)}` }) };
}
