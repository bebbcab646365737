import { BenchError } from './kube/bench-error.ts';

/** A whole number from 1 to `most`. Throws BenchError that names the option, the value and what to give. */
export function numberFrom(option: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most) throw new BenchError(`${option} has '${text}': give whole numbers from 1 to ${most}`);
  return value;
}

/** Those of `known` that a list with commas names, in its order. Throws BenchError that names the option, the value and what to give. */
export function chosenFrom<T extends string>(option: string, text: string, known: readonly T[]): readonly T[] {
  return text.split(',').map((part) => {
    const found = known.find((each) => each === part.trim());
    if (found === undefined) throw new BenchError(`${option} names '${part}': give some of ${known.join(', ')}, separated by commas`);
    return found;
  });
}
