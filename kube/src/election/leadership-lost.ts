/** The lease could not be renewed in time, so another process may lead now. Also the reason of the signal that ends the leader's work. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}
