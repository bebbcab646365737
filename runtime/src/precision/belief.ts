/** A belief in a share, as the Beta distribution of it. */
export interface Belief {
  readonly alpha: number;
  readonly beta: number;
}

/** How much of what was learnt is kept at each step: what happened ten steps ago counts a third. */
const kept = 0.9;

export function meanOf({ alpha, beta }: Belief): number {
  return alpha / (alpha + beta);
}

/** A belief of the weight of `prior` whose mean is `mean`, between 0 and 1. */
export function beliefAt(mean: number, prior: Belief): Belief {
  const weight = prior.alpha + prior.beta;
  const inside = Math.min(0.99, Math.max(0.01, mean));
  return { alpha: weight * inside, beta: weight * (1 - inside) };
}

/** The belief after evidence for and against it. It never weighs less than the prior, so it can always still change. */
export function learnt(belief: Belief, prior: Belief, evidence: { readonly for: number; readonly against: number }): Belief {
  return {
    alpha: prior.alpha + kept * (belief.alpha - prior.alpha) + evidence.for,
    beta: prior.beta + kept * (belief.beta - prior.beta) + evidence.against,
  };
}

/** ψ, the derivative of the logarithm of Γ, for positive numbers: by its recurrence up to 6 and its asymptotic series there (error below 1e-8). */
export function digamma(x: number): number {
  if (x < 6) return digamma(x + 1) - 1 / x;
  const square = 1 / (x * x);
  return Math.log(x) - 1 / (2 * x) - square * (1 / 12 - square * (1 / 120 - square / 252));
}

function entropy(share: number): number {
  return share <= 0 || share >= 1 ? 0 : -share * Math.log(share) - (1 - share) * Math.log(1 - share);
}

/** What one more outcome is expected to tell about the share, in nats: the entropy of the outcome less what of it is chance. */
export function informationGain({ alpha, beta }: Belief): number {
  const sum = alpha + beta;
  const chance = digamma(sum + 1) - (alpha * digamma(alpha + 1) + beta * digamma(beta + 1)) / sum;
  return Math.max(0, entropy(alpha / sum) - chance);
}
