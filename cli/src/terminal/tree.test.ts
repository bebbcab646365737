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

it('goes on with the lines of the tree where a row is wrapped', () => {
  const text = 'words that are too many for one line of it';
  expect(
    tree({
      cells: [{ text: 'root' }, { text: text }],
      branches: [
        { cells: [{ text: 'first' }, { text }], branches: [{ cells: [{ text: 'leaf' }, { text }] }] },
        { cells: [{ text: 'last' }, { text }] },
      ],
    }, 40),
  ).toEqual([
    'root', '│      words that are too many for one', '│      line of it',
    '├─ first', '│  │      words that are too many for', '│  │      one line of it',
    '│  └─ leaf', '│         words that are too many for', '│         one line of it',
    '└─ last', '       words that are too many for one', '       line of it',
  ]);
});
