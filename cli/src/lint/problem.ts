import { printable } from '../terminal/printable.ts';

/** One thing that the API server would refuse. */
export interface Problem {
  /** For example "spec.rollout.steps[0].weight". */
  readonly path: string;
  /** What is wrong with it, the value included: "is \"20%\"", "is missing". */
  readonly finding: string;
  /** What to write instead. */
  readonly fix: string;
}

export interface Place {
  readonly file: string;
  /** Counted from 1. */
  readonly document: number;
  /** "AgentDeployment/support"; undefined when the document does not say. */
  readonly subject?: string;
}

/** One line: where, what, and the fix. */
export function problemLine(place: Place, { path, finding, fix }: Problem): string {
  return printable(`${placeText(place)}: ${path} ${finding}: ${fix}`);
}

export function noteLine(place: Place, note: string): string {
  return printable(`${placeText(place)}: ${note}`);
}

/** Of what is allowed and surprises. */
export function warningLine(place: Place, warning: string): string {
  return noteLine(place, `warning: ${warning}`);
}

function placeText({ file, document, subject }: Place): string {
  return `${file}: document ${document}${subject === undefined ? '' : `, ${subject}`}`;
}

export type PathPart = string | number;

/** As kubectl writes a path: spec.tools[0].name. */
export function pathText(parts: readonly PathPart[]): string {
  return parts.map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part}`)).join('');
}
