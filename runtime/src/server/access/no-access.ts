import { HttpProblem } from '../problem.ts';
import type { Access } from './access.ts';

/** Nobody has said yet who may ask; whoever runs the agent is told what to write. */
class NobodyMayAsk extends HttpProblem {
  override readonly name = 'NobodyMayAsk';

  constructor() {
    super({
      status: 401,
      slug: 'access-not-set',
      title: 'This agent answers nobody yet',
      detail:
        'Nothing says who may ask this agent. In its AgentDeployment set spec.access.keysSecretRef, issuers or serviceAccounts to say who may, or spec.access.anonymous to Allowed for whoever reaches it; ' +
        'of a process that was started by hand set SLUICE_ACCESS_FILE or SLUICE_ANONYMOUS_ACCESS=Allowed',
      field: 'spec.access',
      headers: { 'www-authenticate': 'Bearer' },
      outcome: 'rejected',
    });
  }
}

/** Nobody may ask: what holds for an agent of which nothing else was said. */
export const noAccess: Access = {
  mode: 'closed',
  authenticate: async () => {
    throw new NobodyMayAsk();
  },
  standing: () => undefined,
  tenant: () => ({ flags: {} }),
};
