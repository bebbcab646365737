/** One thing that the story promises, and whether it held. */
export interface StoryCheck {
  readonly name: string;
  readonly ok: 'passed' | 'failed';
  /** What was seen. */
  readonly detail: string;
}

export interface StoryRelease {
  readonly title: string;
  readonly name: string;
  readonly revision: string;
  readonly verdict: string;
  readonly message: string;
  /** From the change of the spec to the verdict. */
  readonly secondsToVerdict: number;
}

export interface StoryLoad {
  readonly sent: number;
  readonly failed: number;
  /** Failed requests that a promoted revision answered, or that nobody answered. */
  readonly failedOnStable: number;
  readonly p95Ms: number | null;
  /** By revision. */
  readonly revisions: Readonly<Record<string, { readonly succeeded: number; readonly failed: number }>>;
}

export interface StoryResult {
  readonly releases: readonly StoryRelease[];
  readonly load: StoryLoad;
  readonly checks: readonly StoryCheck[];
}

/** Collects what held and what did not; the story goes on after a failed check, so that one run tells all. */
export class Checks {
  readonly #checks: StoryCheck[] = [];

  expect(name: string, ok: 'passed' | 'failed', detail: string): void {
    this.#checks.push({ name, ok, detail });
  }

  equal(name: string, actual: string, expected: string): void {
    this.expect(name, actual === expected ? 'passed' : 'failed', actual === expected ? actual : `${actual}, expected ${expected}`);
  }

  get all(): readonly StoryCheck[] {
    return this.#checks;
  }
}
