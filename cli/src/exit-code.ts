/** How `kubectl sluice` ends. The first three answer `status`; the others follow sysexits. */
export const exitCode = {
  ok: 0,
  /** Degraded, not found, or manifests with problems. */
  bad: 1,
  /** The release is still on its way. */
  progressing: 2,
  /** The command line is wrong. */
  usage: 64,
  /** A file cannot be read. */
  noInput: 66,
  /** The cluster cannot be reached, or refuses the call. */
  unavailable: 69,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
