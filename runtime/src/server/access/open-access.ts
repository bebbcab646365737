import { anonymous } from '../../approvals/caller.ts';
import type { Access } from './access.ts';

/** Everybody may ask, as nobody in particular: for agents that a gateway or a network policy guards, and of which that was said. */
export const openAccess: Access = {
  mode: 'open',
  authenticate: async () => anonymous,
  // Everybody may ask; roles were somebody's word, and nobody gives it any more.
  standing: (caller) => ({ ...caller, roles: [] }),
  tenant: () => ({ flags: {} }),
};
