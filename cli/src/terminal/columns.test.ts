import { expect, it } from 'vitest';
import { columns } from './columns.ts';

it('aligns columns, and colours do not count as width', () => {
  const red = (text: string) => `<${text}>`;
  const rows = [
    [{ text: 'NAME' }, { text: 'PHASE' }, { text: 'MESSAGE' }],
    [{ text: 'a' }, { text: 'Healthy', paint: red }, { text: 'all is well' }],
    [{ text: 'longer' }, { text: '', paint: (text: string) => text }, { text: '' }],
  ];
  expect(columns(rows)).toEqual(['NAME    PHASE    MESSAGE', 'a       <Healthy>  all is well', 'longer']);
});

it('knows no rows', () => {
  expect(columns([])).toEqual([]);
});
