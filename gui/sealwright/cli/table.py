"""All commands: group, name, the module that has it, and one line for the help.

A group that is a command by itself has one entry without a name.

A module is found as `sealwright.cli.{module}` and has `COMMANDS: dict[str, Command]`.
"""

from __future__ import annotations

TABLE = {
    "policy": {
        "lint": ("policy.language", "say what is wrong or doubtful in policy texts"),
        "format": ("policy.language", "lay policy texts out in the one way"),
        "eval": ("policy.language", "say what a policy makes of a set of claims"),
        "test": ("policy.tests", "run policy test files"),
        "sign": ("policy.tokens", "sign a policy as a provider wants it"),
        "wrap": ("policy.tokens", "wrap a policy without a signature"),
        "import": ("policy.importing", "take policies out of Terraform files and scripts"),
        "unwrap": ("policy.tokens", "take the policy text out of any known form"),
        "hash": ("policy.tokens", "print every hash of a policy text"),
        "diff": ("policy.diff", "compare files, tokens and deployed policies"),
        "show": ("policy.deployed", "show what a provider applies"),
        "set": ("policy.deployed", "upload a policy and prove it"),
        "reset": ("policy.deployed", "go back to the default policy and prove it"),
        "history": ("policy.deployed", "list every text seen on or sent to a provider"),
    },
    "signer": {
        "list": ("signer", "list the certificates that a provider trusts"),
        "add": ("signer", "make a provider trust one more certificate"),
        "remove": ("signer", "make a provider trust a certificate no more"),
    },
    "key": {
        "list": ("key.keys", "list the signing keys of this computer"),
        "generate": ("key.keys", "make a signing key and its certificate"),
        "import": ("key.keys", "take over a key from a file"),
        "export": ("key.keys", "write a key to a file, encrypted"),
        "rename": ("key.keys", "give a key another name"),
        "delete": ("key.keys", "forget a key for good"),
        "vault": ("key.vault", "show or choose where secrets are kept"),
    },
    "provider": {
        "list": ("provider.known", "list the known providers"),
        "show": ("provider.known", "show a provider with its policies and signers"),
        "create": ("provider.change", "make a provider"),
        "update": ("provider.change", "change tags or access of a provider"),
        "delete": ("provider.change", "delete a provider for good"),
        "rights": ("provider.access", "say what this account may do at a provider"),
        "endpoints": ("provider.access", "list, approve, reject, remove private endpoints"),
        "region": ("provider.access", "say whether a provider's region has failed"),
        "register": ("provider.access", "register Microsoft.Attestation in a subscription"),
        "clone": ("provider.export", "make a provider like another, elsewhere or Isolated"),
        "export": ("provider.export", "write providers as Bicep, Terraform or a script"),
        "defaults": ("provider.known", "list the shared providers"),
        "check": ("provider.known", "test the connection to a provider step by step"),
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
        "inspect": ("token.checking", "take a token apart"),
        "verify": ("token.checking", "check a token against keys"),
        "release-check": (
            "token.checking",
            "say whether a key vault would release a key for a token",
        ),
    },
    "evidence": {
        "inspect": ("evidence.checking", "take evidence of trusted hardware apart"),
        "verify": ("evidence.checking", "check evidence up to a trusted root"),
        "synthesize": ("evidence.synthesis", "make evidence under the sandbox's own roots"),
        "anchors": ("evidence.anchors", "list the roots that evidence is checked up to"),
    },
    "fleet": {
        "init": ("fleet.workspace", "describe what is deployed now as a workspace"),
        "plan": ("fleet.workspace", "show what an apply would change, and what stands in the way"),
        "apply": (
            "fleet.workspace",
            "bring every target to what the workspace wants, and prove it",
        ),
        "drift": ("fleet.workspace", "say where the fleet is not as the workspace wants"),
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
