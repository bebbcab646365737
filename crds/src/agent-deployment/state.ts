import { z } from 'zod';
import { keyReference } from '../references.ts';
import { rules } from '../structural-schema.ts';

const port = (number: number) => z.int().min(1).max(65_535).default(number).describe('The port of the URL, for the NetworkPolicy: the operator does not read the Secret.');

const sqlite = z
  .object({
    sizeLimit: z
      .string()
      .min(1)
      .max(32)
      .meta(rules({ rule: "isQuantity(self) && quantity(self).isGreaterThan(quantity('1Mi'))", message: 'spec.state.sqlite.sizeLimit must be a quantity above 1Mi, for example "1Gi"' }))
      .default('2Gi')
      .describe('Most that a pod may keep; a pod that keeps more is evicted.'),
  })
  .describe('A database of each pod, in a volume that outlives its containers and ends with the pod.');

const postgres = z
  .object({
    urlSecretRef: keyReference('spec.state.postgres.urlSecretRef', 'Secret').describe('The URL with its password, for example "postgres://agent:...@db:5432/agents?sslmode=verify-full".'),
    port: port(5432),
  })
  .describe('A PostgreSQL server that all pods share; each agent keeps to a schema of its own, which it makes and migrates itself.');

const redis = z
  .object({
    urlSecretRef: keyReference('spec.state.redis.urlSecretRef', 'Secret').describe('The URL with its password, for example "rediss://:...@cache:6379".'),
    port: port(6379),
  })
  .describe('A Redis server for rate limits, kept replies and news between pods, and for sessions where there is no postgres.');

/** Where an agent keeps what it must not forget. */
export const state = z
  .object({ sqlite: sqlite.optional(), postgres: postgres.optional(), redis: redis.optional() })
  .meta(
    rules(
      { rule: 'has(self.sqlite) || has(self.postgres) || has(self.redis)', message: 'spec.state needs sqlite, postgres or redis: name where the agent keeps its state, or leave spec.state out' },
      { rule: '!(has(self.sqlite) && has(self.postgres))', message: 'spec.state.sqlite and spec.state.postgres exclude each other: keep postgres when the pods of the agent must see the same sessions and jobs, sqlite otherwise' },
    ),
  )
  .describe('Where sessions, jobs, approvals, the audit, budgets and request keys are kept. Not set: in the memory of each pod.');

export type AgentState = z.infer<typeof state>;
