/** One CEL rule, or a family of them, in TypeScript. The value has passed its schema and has its defaults. */
export interface CelCheck {
  readonly rule: RegExp;
  /** `groups` are those of `rule`. */
  holds(self: never, ...groups: string[]): boolean;
}
