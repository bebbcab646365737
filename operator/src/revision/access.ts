import type { AgentAccess, BundleAccess } from '@sluice/crds';
import { agentObjectName } from '../children/names.ts';
import { defined } from './defined.ts';

interface Named {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** Whose tokens the agent takes; undefined where keys are all it takes. The order of lists that have none does not name another revision. */
export function renderAccess({ issuers, serviceAccounts }: AgentAccess, { name, namespace = '' }: Named): BundleAccess | undefined {
  if (issuers === undefined && serviceAccounts === undefined) return undefined;
  return defined({
    issuers: issuers?.toSorted((left, right) => (left.issuer < right.issuer ? -1 : 1)),
    serviceAccounts: serviceAccounts && {
      audience: serviceAccounts.audience ?? `${agentObjectName(name)}.${namespace}.svc`,
      accounts: serviceAccounts.accounts.map((account) => ({ ...account, ...defined({ roles: account.roles?.toSorted() }) })),
    },
  });
}
