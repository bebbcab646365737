/** A file that a build may read, and that no layer keeps. */
export interface BuildSecret {
  readonly id: string;
  readonly file: string;
}

export interface BuildRequest {
  /** Folder with everything the build reads, its Dockerfile included. */
  readonly context: string;
  readonly ref: string;
  readonly buildArguments: Readonly<Record<string, string>>;
  readonly secrets: readonly BuildSecret[];
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

export interface EngineCall {
  readonly signal: AbortSignal;
}

/** Docker or buildah: what the images need of them. Every method throws CommandError when the program fails. */
export interface ImageEngine {
  readonly name: 'docker' | 'buildah';
  /** Whether the engine's own store has the image. */
  has(ref: string, call: EngineCall): Promise<boolean>;
  /** Whether the registry of a public image answers within a few seconds and has it. */
  isReachable(ref: string, call: EngineCall): Promise<boolean>;
  pull(ref: string, call: EngineCall): Promise<void>;
  build(request: BuildRequest): Promise<void>;
  /** Writes a docker-archive that carries the name `ref`. */
  save(ref: string, archive: string, call: EngineCall): Promise<void>;
  /** Forgets older tags of the same repository. */
  removeOtherTags(ref: string, call: EngineCall): Promise<void>;
}

export const ASK_TIMEOUT_MS = 8_000;
export const LOCAL_TIMEOUT_MS = 60_000;
export const PULL_TIMEOUT_MS = 10 * 60_000;
export const BUILD_TIMEOUT_MS = 20 * 60_000;
export const SAVE_TIMEOUT_MS = 5 * 60_000;

/** `sluice-runtime` with its registry, without its tag. */
export function repositoryOf(ref: string): string {
  const colon = ref.lastIndexOf(':');
  return colon > ref.lastIndexOf('/') ? ref.slice(0, colon) : ref;
}

/** Of the names in a store (one a line), those of the same repository with another tag. */
export function otherTags(listing: string, ref: string): readonly string[] {
  const names = listing.split('\n').map((line) => line.trim());
  return names.filter((name) => name !== ref && name !== '' && !name.endsWith(':<none>') && repositoryOf(name) === repositoryOf(ref));
}
