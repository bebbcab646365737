import { expect, it } from 'vitest';
import { agentObjectName, revisionObjectName } from './names.ts';

it('what exists once per agent has its name, what exists per revision has both', () => {
  expect(agentObjectName('support')).toBe('support');
  expect(revisionObjectName('support', '0123456789')).toBe('support-0123456789');
});
