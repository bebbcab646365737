import type { PendingApproval } from '../approvals/approval.ts';
import type { Change } from '../approvals/diff.ts';
import type { Strike } from './judge-text.ts';

/** Stands for a text that the rules do not allow at all. */
const withheld = '[WITHHELD]';

function struckText(text: string, strike: Strike): string {
  return strike(text) ?? withheld;
}

/** Numbers are judged as they are written: a card number needs no quotes. */
function struckScalar(value: unknown, strike: Strike): unknown {
  if (typeof value === 'string') return struckText(value, strike);
  if (typeof value !== 'number') return value;
  const text = String(value);
  const struck = struckText(text, strike);
  return struck === text ? value : struck;
}

function struckValue(value: unknown, strike: Strike): unknown {
  if (Array.isArray(value)) return value.map((each) => struckValue(each, strike));
  if (typeof value !== 'object' || value === null) return struckScalar(value, strike);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [struckText(name, strike), struckValue(member, strike)]));
}

function struckChange(change: Change, strike: Strike): Change {
  const { path, to } = change;
  // What is not known of the value before stays so.
  const before = 'from' in change ? { from: struckValue(change.from, strike) } : {};
  return { path: struckText(path, strike), ...before, to: struckValue(to, strike) };
}

/** What writes that wait would change, as the rules let a caller see it. Whoever approves them reads the whole, by rights of their own. */
export function struckApprovals(approvals: readonly PendingApproval[], strike: Strike): readonly PendingApproval[] {
  return approvals.map((approval) => ({ ...approval, diff: approval.diff.map((change) => struckChange(change, strike)) }));
}

/** What was read to be compared with a write, as the rules for results of the tool that read it let it pass. */
export function struckBefore(approval: PendingApproval, strike: Strike): PendingApproval {
  return { ...approval, diff: approval.diff.map((change) => ('from' in change ? { ...change, from: struckValue(change.from, strike) } : change)) };
}
