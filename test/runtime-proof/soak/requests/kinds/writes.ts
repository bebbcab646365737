import type { Kind } from '../kind.ts';

/** How many are asked for again, long after: the shop tells when it was made to write twice. */
const remembered = 500;

/** Takes the next of those that were remembered, from the first on, again and again. */
function inTurn<T>(kept: readonly T[], turn: number): T | undefined {
  return kept[turn % Math.max(1, kept.length)];
}

/** A write under a key; one in three asks again for one of the first ones, whose answers have gone where the store was short of room. */
export const keyedWrite: Kind = ({ ask }) => {
  const made: number[] = [];
  let turn = 0;
  const write = async (index: number): Promise<number> => (await ask({ path: '/v1/invoke', body: { input: { text: `Cancel purchase ${index}.` } }, headers: { 'idempotency-key': `cancel-${index}` } })).status;
  return async (index) => {
    if ((await write(index)) === 200 && made.length < remembered) made.push(index);
    const old = inTurn(made, turn);
    if (index % 3 !== 0 || old === undefined) return;
    turn += 1;
    await write(old);
  };
};

interface Applied {
  readonly approval: { readonly id: string };
  readonly outcome: string;
}

/** A write that waits for a person: approved and made, refused, or left. One in three is applied again, from the first on. */
export const approved: Kind = ({ ask }) => {
  const made: Applied[] = [];
  let turn = 0;
  const apply = async (id: string): Promise<Applied> => JSON.parse((await ask({ path: `/v1/approvals/${id}/apply`, body: {}, may: [200] })).text) as Applied;
  const again = async (): Promise<void> => {
    const old = inTurn(made, turn);
    if (old === undefined) return;
    turn += 1;
    const { outcome } = await apply(old.approval.id);
    if (old.outcome === 'made' && outcome !== 'made') throw new Error(`the write of ${old.approval.id} was made, and now it is ${outcome}`);
  };
  return async (index) => {
    const { text } = await ask({ path: '/v1/invoke', body: { input: { text: `Pay refund ${index}.` } } });
    const { approval_request_id: id } = JSON.parse(text) as { readonly approval_request_id?: string };
    // The model was away.
    if (id === undefined) return;
    const wish = (['approved', 'rejected', undefined] as const)[Math.floor(index / 100) % 3];
    if (wish === undefined) return;
    await ask({ path: `/v1/approvals/${id}/decision`, body: { decision: wish }, as: 'approver', may: [200] });
    if (wish === 'rejected') return;
    const applied = await apply(id);
    if (made.length < remembered) made.push(applied);
    await again();
  };
};
