import { expect, it } from 'vitest';
import { tree } from './tree.ts';

it('draws branches under their roots, with aligned columns', () => {
  expect(
    tree({
      cells: [{ text: 'root' }, { text: 'x' }],
      branches: [
        { cells: [{ text: 'first' }, { text: 'y' }], branches: [{ cells: [{ text: 'leaf' }, { text: 'z' }] }] },
        { cells: [{ text: 'last' }], branches: [{ cells: [{ text: 'leaf' }, { text: 'w' }] }] },
      ],
    }),
  ).toEqual(['root        x', '├─ first    y', '│  └─ leaf  z', '└─ last', '   └─ leaf  w']);
});

it('paints the name and not the lines', () => {
  const paint = (text: string) => `<${text}>`;
  expect(tree({ cells: [{ text: 'root' }], branches: [{ cells: [{ text: 'leaf', paint }, { text: 'x' }] }] })).toEqual(['root', '└─ <leaf>  x']);
});
