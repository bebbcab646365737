/** What the objects that exist once per agent are made of. */
export interface AgentIdentity {
  readonly agent: string;
  readonly namespace: string;
}
