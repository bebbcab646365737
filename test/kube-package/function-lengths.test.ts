import { expect, test } from 'vitest';
import { functionLengths } from './function-lengths.ts';

const text = `
export async function* first<T>(
  a: T, b: string,
): AsyncGenerator<T> {
  const inner = () => {
    go();
  };
  yield a;
}

function short(): number { return 1; }

export interface Shape {
  area(): number;
}

export class Circle {
  #radius = 1;

  constructor(radius: number) {
    this.#radius = radius;
  }

  get size(): number { return 1; }

  async #grow(): Promise<void> {
    this.#radius += 1;
    call({
      a: 1,
    });
  }
}

class Nothing extends Error {}

function last(): void {
  circle(2);
}
`;

test('counts functions, accessors, constructors and methods, from the signature to the closing brace', () => {
  expect(functionLengths(text).map(({ name, lines }) => `${name} ${lines}`)).toEqual(['first 8', 'short 1', 'constructor 3', 'size 1', '#grow 6', 'last 3']);
});

test('says where each begins', () => {
  expect(functionLengths(text).map(({ line }) => line)).toEqual([2, 11, 20, 24, 26, 36]);
});

test('an abstract or overloaded signature has no length', () => {
  expect(functionLengths('export abstract class A {\n  protected abstract init(): Promise<void>;\n  run(): void {\n    go();\n  }\n}\n')).toEqual([{ name: 'run', line: 3, lines: 3 }]);
});
