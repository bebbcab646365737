/** How `kubectl sluice` ends. The first five answer `status`; the others follow sysexits. */
export const exitCode = {
  ok: 0,
  /** Degraded, refused, not found, or manifests with problems. */
  bad: 1,
  /** The release is still on its way. */
  progressing: 2,
  /** The release waits for a person to approve it. */
  awaitingApproval: 3,
  /** Paused or suspended by a person. */
  paused: 4,
  /** An evaluation that was measured and decides nothing. */
  inconclusive: 5,
  /** An evaluation, or a record of one, that could not be measured. */
  notMeasured: 6,
  /** The command line is wrong. */
  usage: 64,
  /** A manifest, suite or record cannot be used. */
  badInput: 65,
  /** A file cannot be read. */
  noInput: 66,
  /** The cluster cannot be reached, or refuses the call. */
  unavailable: 69,
  /** A file cannot be written. */
  cannotWrite: 73,
  /** The operator did not answer in time. */
  noAnswer: 75,
  /** The user may not ask this of a release. */
  notPermitted: 77,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
