import { describe, expect, it } from 'vitest';
import { luaLiteral } from './lua-literal.ts';

describe('a JSON value as Lua', () => {
  it.each([
    [null, 'nil'],
    [true, 'true'],
    [12, '12'],
    ['plain', '"plain"'],
    ['a "b"\\\n', '"a \\034b\\034\\092\\010"'],
    ['ü', '"\\195\\188"'],
    [[1, 'a'], '{1,"a"}'],
    [{ 'sluice.dev/agent': 'x', none: null }, '{["sluice.dev/agent"]="x",["none"]=nil}'],
  ])('%j', (value, literal) => {
    expect(luaLiteral(value)).toBe(literal);
  });
});
