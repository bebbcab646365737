/** Chance and identifiers, injected so that tests can foretell them. */
export interface Random {
  /** A number in [0, 1). */
  readonly fraction: () => number;
  /** An identifier that no other request has. */
  readonly id: () => string;
}
