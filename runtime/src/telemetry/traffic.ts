/** One kind of traffic: how the names and the help texts of its metrics begin. */
export interface Traffic {
  readonly prefix: string;
  readonly what: string;
}

export const userTraffic: Traffic = { prefix: 'sluice_', what: 'Requests to the agent' };
export const mirroredTraffic: Traffic = { prefix: 'sluice_mirrored_', what: 'Copies of requests, which nobody waits for,' };
