"""The outline: sections and rules of a policy, each rule in one sentence."""
