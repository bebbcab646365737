/** What one expectation comes to. NotMeasured is neither good nor bad, and never a pass. */
export interface Finding {
  readonly verdict: 'Pass' | 'Fail' | 'NotMeasured';
  /** Why it isn't a pass, in words that never quote the question or the answer; empty for a pass. */
  readonly reason: string;
}

export const pass: Finding = { verdict: 'Pass', reason: '' };

export function fail(reason: string): Finding {
  return { verdict: 'Fail', reason };
}

export function notMeasured(reason: string): Finding {
  return { verdict: 'NotMeasured', reason };
}

/** The first that failed, else the first that was not measured, else a pass: a failure stands whatever could not be measured beside it. */
export function worst(findings: readonly Finding[]): Finding {
  return findings.find(({ verdict }) => verdict === 'Fail') ?? findings.find(({ verdict }) => verdict === 'NotMeasured') ?? pass;
}

/** A text of the suite in a sentence, cut to a bearable length. */
export function named(text: string): string {
  const characters = Array.from(text);
  return JSON.stringify(characters.length > 80 ? `${characters.slice(0, 79).join('')}…` : text);
}
