import { injectionSignals } from './injection-signals.ts';
import { compileLinear, type LinearPattern } from './linear-pattern.ts';
import { hiddenText, normalisedText, withoutMarks } from './normalised-text.ts';

export type InjectionSensitivity = 'Low' | 'Medium' | 'High';

/** Sum of the weights of the signals from which a text counts as an injection. */
const thresholds: Readonly<Record<InjectionSensitivity, number>> = { Low: 4, Medium: 3, High: 2 };

/** Weight of a text that is written in characters that nobody sees. */
const hiddenWeight = 3;

export interface InjectionFinding {
  readonly score: number;
  /** Names of what was found, for logs; they quote nothing. */
  readonly signals: readonly string[];
}

/** Looks for orders to the model in a text. Heuristics: some get through, and some that are innocent are caught. */
export interface InjectionDetector {
  readonly inspect: (text: string) => InjectionFinding;
  readonly isInjection: (text: string) => boolean;
}

interface CompiledSignal {
  readonly name: string;
  readonly weight: number;
  readonly pattern: LinearPattern;
}

export function createInjectionDetector(sensitivity: InjectionSensitivity): InjectionDetector {
  const signals: readonly CompiledSignal[] = injectionSignals.map(({ name, weight, pattern }) => ({ name, weight, pattern: compileLinear(withoutMarks(pattern)) }));
  const inspect = (text: string): InjectionFinding => {
    const hidden = hiddenText(text);
    const visible = normalisedText(text);
    // "prévious" is read as it is meant.
    const read = withoutMarks(hidden === '' ? visible : `${visible}\n${normalisedText(hidden)}`);
    const found = signals.filter(({ pattern }) => pattern.isIn(read));
    const score = found.reduce((sum, { weight }) => sum + weight, hidden === '' ? 0 : hiddenWeight);
    return { score, signals: [...found.map(({ name }) => name), ...(hidden === '' ? [] : ['hidden-text'])] };
  };
  return { inspect, isInjection: (text) => inspect(text).score >= thresholds[sensitivity] };
}
