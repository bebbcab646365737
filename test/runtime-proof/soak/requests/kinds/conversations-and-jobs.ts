import { plainQuestion, reportQuestion, type Kind } from '../kind.ts';

export const inSession: Kind = ({ ask }) => async (index) => {
  const { id } = JSON.parse((await ask({ path: '/v1/sessions', may: [201] })).text) as { readonly id: string };
  await ask({ path: '/v1/invoke', body: { ...plainQuestion(index), session_id: id } });
  await ask({ method: 'DELETE', path: `/v1/sessions/${id}`, may: [204] });
};

/** Followed to its end, and there still when its caller asks for it; every other one has a large answer. */
export const asJob: Kind = ({ ask }) => async (index) => {
  const question = index % 2 === 0 ? plainQuestion(index) : reportQuestion(index);
  const { id } = JSON.parse((await ask({ path: '/v1/jobs', body: { ...question, max_attempts: 1 }, may: [202] })).text) as { readonly id: string };
  await ask({ method: 'GET', path: `/v1/jobs/${id}/events`, may: [200] });
  await ask({ method: 'GET', path: `/v1/jobs/${id}`, may: [200] });
};

export const listed: Kind = ({ ask }) => async (index) => await ask({ method: 'GET', path: index % 2 === 0 ? '/v1/jobs?limit=5' : '/v1/approvals?limit=5', may: [200] });
