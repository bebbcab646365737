/** What the checks read of an image's configuration, as engines store it. */
export interface ImageConfig {
  readonly User?: string | undefined;
  readonly Entrypoint?: readonly string[] | undefined;
  readonly Healthcheck?: { readonly Test?: readonly string[] | undefined } | undefined;
}

export interface ImageRules {
  readonly healthcheck: 'required' | 'by the kubelet';
  /** What the entry point starts, without any shell. */
  readonly program: string;
}

/** Bytes of all layers, unpacked. */
export const IMAGE_SIZE_LIMIT = 300_000_000;
/** Kubernetes can prove that a pod is not root only when user and group are numbers. */
const NUMERIC_USER = /^[1-9]\d*:[1-9]\d*$/;

/** What is wrong with an image, each in a sentence that says the cure; empty when it may be used. */
export function imageProblems(config: ImageConfig, bytes: number, rules: ImageRules): readonly string[] {
  const problems: string[] = [];
  const user = config.User ?? '';
  if (!NUMERIC_USER.test(user)) problems.push(`its user is "${user}": set USER to a numeric non-root user and group, like 65532:65532`);
  if (config.Entrypoint?.[0] !== rules.program) problems.push(`its entry point does not start ${rules.program} itself: write ENTRYPOINT ["${rules.program}", ...]`);
  if (rules.healthcheck === 'required' && config.Healthcheck?.Test?.[0] !== 'CMD') problems.push('it has no HEALTHCHECK in exec form: write HEALTHCHECK CMD ["node", ...]');
  if (bytes >= IMAGE_SIZE_LIMIT) problems.push(`it holds ${megabytes(bytes)}, the limit is ${megabytes(IMAGE_SIZE_LIMIT)}: remove what no running process needs`);
  return problems;
}

export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
