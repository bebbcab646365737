import { layeredFlags } from '../../config/live/flag-table.ts';
import type { FlagsFile } from '../../config/live/flags-file.ts';
import type { Access, TenantPolicy } from './access.ts';

const minuteMilliseconds = 60_000;

/** The policy of a tenant with all layers: defaults, what access says of the tenant, what the flags say of everybody and then of the tenant. */
export function withFlags(access: Access, flags: () => FlagsFile): Access {
  return {
    ...access,
    tenant: (name): TenantPolicy => {
      const policy = access.tenant(name);
      const file = flags();
      const own = Object.hasOwn(file.tenants, name) ? file.tenants[name] : undefined;
      const requests = own?.requestsPerMinute === undefined ? policy.requests : { burst: own.requestsPerMinute, windowMs: minuteMilliseconds };
      return { flags: layeredFlags(policy.flags, file.flags, own?.flags), ...(requests === undefined ? {} : { requests }) };
    },
  };
}
