const most = 20_000;
/** Below it not even a few callers could be served. */
const fewest = 16;
/** Files that are neither of clients nor of what their requests connect to: stores, probes of others, the program's own. */
const otherFiles = 256;
/** To its provider and to one tool. */
const filesPerRequest = 2;
/** Of all files, what is for clients at least, where requests may be so many that all of them at a time would take more than the rest. */
const shareOfClients = 0.6;

/** Connections of clients that a process takes which may have so many files open (undefined: any number), so that what it connects to itself, and its stores, find room. */
export function connectionLimit(files: number | undefined, maxConcurrentRequests: number): number {
  if (files === undefined) return most;
  const left = files - otherFiles - filesPerRequest * maxConcurrentRequests;
  return Math.max(fewest, Math.min(most, Math.max(left, Math.floor(files * shareOfClients))));
}
