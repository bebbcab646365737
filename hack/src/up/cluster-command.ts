import { type CommandOptions, runCommand } from '../process/command.ts';

/** The programs that act on one cluster. */
export interface ClusterCommands {
  /** Absolute path. */
  readonly kubectlPath: string;
  /** Resolves to standard output. Throws CommandError. */
  kubectl(args: readonly string[], options: CallOptions): Promise<string>;
  helm(args: readonly string[], options: CallOptions): Promise<string>;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** For the program's standard input. */
  readonly input?: string;
}

export interface ClusterCommandsOptions {
  readonly kubectl: string;
  readonly helm: string;
  readonly kubeconfig: string;
  /** Called with each line of standard error. */
  readonly onErrorLine: (line: string) => void;
}

/** kubectl and helm of the tool cache, bound to a kubeconfig whatever the user's environment says. */
export function clusterCommands(options: ClusterCommandsOptions): ClusterCommands {
  const env = { KUBECONFIG: options.kubeconfig, HELM_KUBECONTEXT: undefined, HELM_NAMESPACE: undefined };
  const call = async (program: string, args: readonly string[], rest: CallOptions): Promise<string> => {
    const settings: CommandOptions = { ...rest, env, onErrorLine: options.onErrorLine };
    return runCommand(program, args, settings);
  };
  return {
    kubectlPath: options.kubectl,
    kubectl: async (args, rest) => call(options.kubectl, args, rest),
    helm: async (args, rest) => call(options.helm, args, rest),
  };
}
