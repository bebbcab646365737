import { z } from 'zod';
import { keyReference, localReference } from '../references.ts';
import { rules } from '../structural-schema.ts';
import { access } from './access.ts';
import { agent } from './agent.ts';
import { jobs } from './jobs.ts';
import { rollout } from './rollout.ts';
import { route } from './route.ts';
import { state } from './state.ts';

const autoscaling = z
  .object({
    minReplicas: z.int().min(1).max(1000).default(2).describe('Fewest pods of the serving revision.'),
    maxReplicas: z.int().min(1).max(1000).describe('Most pods of the serving revision.'),
    targetCPUUtilizationPercent: z.int().min(1).max(100).default(70).describe('CPU use, as a share of the request, that the autoscaler aims at.'),
  })
  .meta(
    rules({
      rule: 'self.minReplicas <= self.maxReplicas',
      message: 'spec.autoscaling.minReplicas must not be above spec.autoscaling.maxReplicas: lower the one or raise the other (minReplicas is 2 when it is not set)',
    }),
  );

const egressRule = z
  .object({
    cidr: z
      .string()
      .min(1)
      .max(64)
      .meta(rules({ rule: 'isCIDR(self)', message: 'spec.network.egress[].cidr must be a CIDR, for example "10.20.0.0/16" or "203.0.113.7/32"' }))
      .describe('The addresses.'),
    ports: z.array(z.int().min(1).max(65_535)).min(1).max(32).meta({ k8s: { 'x-kubernetes-list-type': 'set' } }).describe('TCP ports.'),
  })
  .describe('Addresses and ports that the pods may connect to.');

const network = z
  .object({ egress: z.array(egressRule).max(64).optional().describe('Where the pods may connect to, besides DNS. Not set: the ports of the provider, of the tools, of spec.state and of whatever else the spec names, at any address but link-local ones.') })
  .describe('What the NetworkPolicy of the agent allows.');

const template = z
  .object({
    metadata: z
      .object({
        labels: z.record(z.string(), z.string()).optional().describe('Labels of the pods, besides those of the operator.'),
        annotations: z.record(z.string(), z.string()).optional().describe('Annotations of the pods.'),
      })
      .optional()
      .describe('Labels and annotations of the pods.'),
    spec: z
      .looseObject({})
      .meta({ k8s: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } })
      .optional()
      .describe('A pod spec; the container named "agent" is merged into the one that the operator makes.'),
  })
  .describe('Everything else that a pod may need: resources, scheduling, extra containers and volumes.');

/** Behind a Gateway the stable pods stay, and a pinned session or a header may reach them still. */
const comparisonHasBothSides = [
  'has(self.route)',
  '!has(self.rollout)',
  '!has(self.rollout.steps)',
  '!has(self.rollout.gates)',
  '!has(self.rollout.gates.objectives)',
  'self.rollout.steps.all(s, !has(s.weight) || s.weight < 100)',
  `self.rollout.gates.objectives.all(o, ${[
    "(has(o.role) ? o.role == 'Guard' : !has(o.successRate) && !has(o.latency))",
    '(has(o.successRate) && has(o.successRate.minPercent) && !has(o.successRate.maxDropPoints))',
    '(has(o.latency) && has(o.latency.maxMilliseconds) && !has(o.latency.maxSlowerPoints))',
  ].join(' || ')})`,
].join(' || ');

export const agentDeploymentSpec = z
  .object({
    agent: agent.describe('What the agent is: everything that is pinned together into one revision.'),
    mode: z
      .enum(['Service', 'Worker'])
      .optional()
      .describe('Service: the pods answer requests, and work on jobs beside them. Worker: they are asked by jobs alone (/v1/jobs), and answer no request themselves. Default Service.'),
    replicas: z.int().min(0).max(1000).optional().describe('Pods of the serving revision. Default 2.'),
    autoscaling: autoscaling.optional().describe('Lets a HorizontalPodAutoscaler set the number of pods.'),
    state: state.optional(),
    jobs: jobs.optional(),
    access: access.optional(),
    flags: z
      .object({
        configMapKeyRef: keyReference('spec.flags.configMapKeyRef', 'ConfigMap').describe('The file of flags (JSON; docs/runtime-settings.md). A change is taken up without a restart or a release: flags only take away.'),
      })
      .optional()
      .describe('What may be switched off while the agent runs: answers, streaming, jobs, writes.'),
    network: network.optional(),
    template: template.optional(),
    route: route.optional(),
    suspend: z.boolean().optional().describe('true: the operator touches nothing of this agent until it is false again. What serves goes on serving.'),
    adopt: z
      .object({ deploymentRef: localReference('spec.adopt.deploymentRef', 'Deployment').describe('The Deployment that was made by hand.') })
      .optional()
      .describe('Takes over from a Deployment that was made by hand: it serves until the first revision is promoted, then it is scaled to 0 and left for you to delete. A Service of the name of the agent is taken over too.'),
    rollout: rollout.optional().describe('How a change of the agent may reach users. Not set: as soon as its pods are ready.'),
  })
  .meta(
    rules(
      {
        rule: '!(has(self.replicas) && has(self.autoscaling))',
        message: 'spec.replicas and spec.autoscaling exclude each other: remove replicas, and set autoscaling.minReplicas instead',
      },
      {
        rule: "!has(self.mode) || self.mode == 'Service' || (has(self.state) && has(self.state.postgres))",
        message: 'spec.mode: Worker needs spec.state.postgres, because jobs that one pod takes in are worked on and asked for at others: name the Secret with the URL of the server',
      },
      {
        rule: "!has(self.mode) || self.mode == 'Service' || !has(self.jobs) || !has(self.jobs.concurrency) || self.jobs.concurrency > 0",
        message: 'spec.jobs.concurrency: 0 with spec.mode: Worker would leave pods that do nothing: raise it, or remove it for 4',
      },
      {
        rule: "!has(self.mode) || self.mode == 'Service' || !has(self.rollout) || !has(self.rollout.steps) || !self.rollout.steps.exists(s, has(s.mirrorPercent))",
        message: 'rollout.steps[].mirrorPercent is for spec.mode: Service, because a copied job would be done twice: give the steps a weight instead',
      },
      {
        rule: 'has(self.route) || !has(self.rollout) || !has(self.rollout.steps) || self.rollout.steps.all(s, has(s.weight) && s.weight > 0)',
        message: 'rollout.steps[] with mirrorPercent or with weight 0 need spec.route, because only a Gateway can copy requests or hold them all back: add spec.route, or give the steps a weight',
      },
      {
        rule: 'has(self.route) || !has(self.rollout) || !has(self.rollout.stickiness)',
        message: 'rollout.stickiness needs spec.route, because only a Gateway can send a session to its revision: add spec.route, or remove stickiness',
      },
      {
        rule: comparisonHasBothSides,
        message: 'rollout.gates.objectives[] that must be proven by a margin compare with the stable revision, which has no pods in a step of weight 100 without spec.route, so that step might never end: lower its weight, or set minPercent or maxMilliseconds alone instead',
      },
    ),
  )
  .describe('What the agent is, how it runs and how a change of it may reach users.');

export type AgentDeploymentSpec = z.infer<typeof agentDeploymentSpec>;
