"""All commands: group, name, the module that has it, and one line for the help.

A group that is a command by itself has one entry without a name.

A module is found as `sealwright.cli.{module}` and has `COMMANDS: dict[str, Command]`.
"""

from __future__ import annotations

TABLE = {
    "policy": {
        "lint": ("policy_language", "say what is wrong or doubtful in policy texts"),
        "format": ("policy_language", "lay policy texts out in the one way"),
        "eval": ("policy_language", "say what a policy makes of a set of claims"),
        "test": ("policy_test", "run policy test files"),
        "sign": ("policy_tokens", "sign a policy as a provider wants it"),
        "wrap": ("policy_tokens", "wrap a policy without a signature"),
        "import": ("policy_import", "take policies out of Terraform files and scripts"),
        "unwrap": ("policy_tokens", "take the policy text out of any known form"),
        "hash": ("policy_tokens", "print every hash of a policy text"),
        "diff": ("policy_diff", "compare files, tokens and deployed policies"),
        "show": ("policy_deployed", "show what a provider applies"),
        "set": ("policy_deployed", "upload a policy and prove it"),
        "reset": ("policy_deployed", "go back to the default policy and prove it"),
        "history": ("policy_deployed", "list every text seen on or sent to a provider"),
    },
    "signer": {
        "list": ("signer", "list the certificates that a provider trusts"),
        "add": ("signer", "make a provider trust one more certificate"),
        "remove": ("signer", "make a provider trust a certificate no more"),
    },
    "key": {
        "list": ("key", "list the signing keys of this computer"),
        "generate": ("key", "make a signing key and its certificate"),
        "import": ("key", "take over a key from a file"),
        "export": ("key", "write a key to a file, encrypted"),
        "rename": ("key", "give a key another name"),
        "delete": ("key", "forget a key for good"),
        "vault": ("key_vault", "show or choose where secrets are kept"),
    },
    "provider": {
        "list": ("provider", "list the known providers"),
        "show": ("provider", "show a provider with its policies and signers"),
        "create": ("provider_change", "make a provider"),
        "update": ("provider_change", "change tags or access of a provider"),
        "delete": ("provider_change", "delete a provider for good"),
        "rights": ("provider_access", "say what this account may do at a provider"),
        "endpoints": ("provider_access", "list, approve, reject, remove private endpoints"),
        "region": ("provider_access", "say whether a provider's region has failed"),
        "register": ("provider_access", "register Microsoft.Attestation in a subscription"),
        "clone": ("provider_export", "make a provider like another, elsewhere or Isolated"),
        "export": ("provider_export", "write providers as Bicep, Terraform or a script"),
        "defaults": ("provider", "list the shared providers"),
        "check": ("provider", "test the connection to a provider step by step"),
    },
    "account": {
        "list": ("account", "list the accounts that are signed in"),
        "add": ("account", "sign in, by any of the methods"),
        "renew": ("account", "sign in again"),
        "use": ("account", "let an account call where no other is known"),
        "tenants": ("account", "list the tenants that an account can use"),
        "switch": ("account", "use an account in another tenant"),
        "remove": ("account", "sign out and forget the tokens"),
    },
    "cloud": {
        "list": ("cloud", "list the clouds with their addresses"),
        "add": ("cloud", "add a cloud of one's own"),
        "remove": ("cloud", "forget a cloud of one's own"),
    },
    "network": {
        "show": ("network", "show proxy and trust"),
        "set": ("network", "change proxy and trust"),
    },
    "attest": {"": ("attest", "send evidence to a provider, and check its token")},
    "token": {
        "inspect": ("token", "take a token apart"),
        "verify": ("token", "check a token against keys"),
        "release-check": ("token", "say whether a key vault would release a key for a token"),
    },
    "evidence": {
        "inspect": ("evidence", "take evidence of trusted hardware apart"),
        "verify": ("evidence", "check evidence up to a trusted root"),
        "synthesize": ("evidence_synthesis", "make evidence under the sandbox's own roots"),
    },
    "fleet": {
        "init": ("fleet", "describe what is deployed now as a workspace"),
        "plan": ("fleet", "show what an apply would change, and what stands in the way"),
        "apply": ("fleet", "bring every target to what the workspace wants, and prove it"),
        "drift": ("fleet", "say where the fleet is not as the workspace wants"),
    },
    "backup": {
        "create": ("backup", "keep policies, signers and settings in one archive"),
        "verify": ("backup", "check an archive and say what it holds"),
        "restore": ("backup", "bring a provider back to what an archive holds, and prove it"),
    },
    "activity": {
        "list": ("activity", "list changes and refusals"),
        "verify": ("activity", "check the chain of the log"),
        "export": ("activity", "write the log to a file"),
    },
    "sandbox": {
        "serve": ("sandbox", "serve the embedded provider on 127.0.0.1"),
        "example": ("sandbox", "make the example that the window's first start makes"),
        "reset": ("sandbox", "throw the sandbox's state away"),
    },
}

OUTSIDE = {
    "selftest": "do the whole main job on a throw-away home",
}
"""Commands that the program itself runs, since they may open a window."""
