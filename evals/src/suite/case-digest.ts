import { createHash } from 'node:crypto';
import type { EvalCase } from '@sluice/crds';

/** `sha256:<hex>` of a case as this version of Sluice reads it, defaults filled in. */
export function digestOfCase(evalCase: EvalCase): string {
  return digestOf(JSON.stringify(evalCase));
}

/** The same of a case that is graded by a model. */
export function gradedDigest(caseDigest: string, modelDigest: string): string {
  return digestOf(`${caseDigest} ${modelDigest}`);
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`;
}
