/** Told of each part of what something costs, in US dollars, also when it fails later; NaN for a part of which nobody knows. */
export type OnCost = (dollars: number) => void;

/** `Unknown`: the price of some part is. */
export type Cost = number | 'Unknown';

/** What one question, or its judgement, cost. */
export class Bill {
  #dollars: number | undefined;

  add(dollars: number): void {
    this.#dollars = (this.#dollars ?? 0) + dollars;
  }

  /** Undefined where nothing was told. */
  get total(): Cost | undefined {
    if (this.#dollars === undefined) return undefined;
    return this.#dollars >= 0 && Number.isFinite(this.#dollars) ? this.#dollars : 'Unknown';
  }
}
