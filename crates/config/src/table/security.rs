//! Broker properties: TLS, SASL, tokens and authorisation.

use crate::definition::{
    Bounds, Definition, Kind, boolean, class, double, int, list, long, null, short, string,
};

pub(super) const ROWS: &[Definition] = &[
    string("authorizer.class.name", "")
        .refused("no authorizer is served yet, and ignoring it would open the cluster")
        .doc("Who decides what a client may do; empty lets everybody do everything."),
    long("connections.max.reauth.ms", 0)
        .doc("Age of a login at which a client has to prove itself again; 0 never asks."),
    long("delegation.token.expiry.check.interval.ms", 3_600_000)
        .at_least(1)
        .doc("Pause between two looks for expired delegation tokens."),
    long("delegation.token.expiry.time.ms", 86_400_000)
        .at_least(1)
        .doc("How long a delegation token is good without being renewed."),
    long("delegation.token.max.lifetime.ms", 604_800_000)
        .at_least(1)
        .doc("Age beyond which a delegation token cannot be renewed."),
    null("delegation.token.secret.key", Kind::Password)
        .doc("Secret that delegation tokens are signed with, the same on all nodes."),
    class(
        "principal.builder.class",
        "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder",
    )
    .per_broker()
    .refused("Java plug-ins cannot be loaded")
    .doc("Java class that turns a connection's credentials into a name."),
    null("sasl.client.callback.handler.class", Kind::Class)
        .doc("Java class that answers questions of SASL on this node as a client."),
    list("sasl.enabled.mechanisms", "GSSAPI").per_broker().doc("SASL mechanisms that clients may use."),
    null("sasl.jaas.config", Kind::Password)
        .per_broker()
        .doc("Login modules with their options, in the form of a JAAS file."),
    string("sasl.kerberos.kinit.cmd", "/usr/bin/kinit")
        .per_broker()
        .doc("Path of the Kerberos `kinit` command."),
    long("sasl.kerberos.min.time.before.relogin", 60_000)
        .per_broker()
        .doc("Pause between two renewals of a Kerberos ticket."),
    list("sasl.kerberos.principal.to.local.rules", "DEFAULT")
        .per_broker()
        .doc("How Kerberos principals become short names."),
    null("sasl.kerberos.service.name", Kind::String).per_broker().doc("Kerberos name of the service."),
    double("sasl.kerberos.ticket.renew.jitter", 0.05)
        .per_broker()
        .doc("Share of the renewal time that is left to chance."),
    double("sasl.kerberos.ticket.renew.window.factor", 0.8)
        .per_broker()
        .doc("Part of a ticket's life after which it is renewed."),
    null("sasl.login.callback.handler.class", Kind::Class)
        .doc("Java class that answers questions of a login."),
    null("sasl.login.class", Kind::Class).doc("Java class that does the login."),
    null("sasl.login.connect.timeout.ms", Kind::Int).doc("How long connecting to a login service may take."),
    null("sasl.login.read.timeout.ms", Kind::Int).doc("How long reading from a login service may take."),
    short("sasl.login.refresh.buffer.seconds", 300)
        .per_broker()
        .doc("Time before expiry at which a credential is refreshed at the latest."),
    short("sasl.login.refresh.min.period.seconds", 60)
        .per_broker()
        .doc("Least time between two refreshes of a credential."),
    double("sasl.login.refresh.window.factor", 0.8)
        .per_broker()
        .doc("Part of a credential's life after which it is refreshed."),
    double("sasl.login.refresh.window.jitter", 0.05)
        .per_broker()
        .doc("Share of the refresh time that is left to chance."),
    long("sasl.login.retry.backoff.max.ms", 10_000).doc("Longest pause between attempts to log in."),
    long("sasl.login.retry.backoff.ms", 100).doc("First pause between attempts to log in."),
    string("sasl.mechanism.controller.protocol", "GSSAPI").doc("SASL mechanism towards controllers."),
    string("sasl.mechanism.inter.broker.protocol", "GSSAPI")
        .per_broker()
        .doc("SASL mechanism between brokers."),
    boolean("sasl.oauthbearer.allow.unverified.audience", false)
        .doc("Whether a token's audience may go unchecked."),
    boolean("sasl.oauthbearer.allow.unverified.issuer", false)
        .doc("Whether a token's issuer may go unchecked."),
    string("sasl.oauthbearer.assertion.algorithm", "RS256")
        .bounds(Bounds::OneOfIgnoringCase(&["ES256", "RS256"]))
        .doc("Algorithm that assertions for tokens are signed with."),
    null("sasl.oauthbearer.assertion.claim.aud", Kind::String).doc("Audience named in assertions."),
    int("sasl.oauthbearer.assertion.claim.exp.seconds", 300)
        .between(0, 86_400)
        .doc("How long an assertion is good."),
    null("sasl.oauthbearer.assertion.claim.iss", Kind::String).doc("Issuer named in assertions."),
    boolean("sasl.oauthbearer.assertion.claim.jti.include", false)
        .doc("Whether an assertion has an id of its own."),
    int("sasl.oauthbearer.assertion.claim.nbf.seconds", 60)
        .between(0, 3600)
        .doc("How far back the beginning of an assertion is dated."),
    null("sasl.oauthbearer.assertion.claim.sub", Kind::String).doc("Subject named in assertions."),
    null("sasl.oauthbearer.assertion.file", Kind::String).doc("File with a ready assertion."),
    null("sasl.oauthbearer.assertion.private.key.file", Kind::String)
        .doc("File with the key that assertions are signed with."),
    null("sasl.oauthbearer.assertion.private.key.passphrase", Kind::Password).doc("What opens that key."),
    null("sasl.oauthbearer.assertion.template.file", Kind::String)
        .doc("File with further fields of assertions."),
    null("sasl.oauthbearer.client.credentials.client.id", Kind::String)
        .doc("Name under which tokens are asked for."),
    null("sasl.oauthbearer.client.credentials.client.secret", Kind::Password)
        .doc("Secret with which tokens are asked for."),
    int("sasl.oauthbearer.clock.skew.seconds", 30)
        .doc("How far clocks may differ when a token's times are checked."),
    list("sasl.oauthbearer.expected.audience", "").doc("Audiences of which a token must name one."),
    null("sasl.oauthbearer.expected.issuer", Kind::String).doc("Issuer that a token must name."),
    long("sasl.oauthbearer.jwks.endpoint.refresh.ms", 3_600_000)
        .doc("Pause between two fetches of the keys that tokens are checked with."),
    long("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", 10_000)
        .doc("Longest pause after a failed fetch of those keys."),
    long("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", 100)
        .doc("First pause after a failed fetch of those keys."),
    null("sasl.oauthbearer.jwks.endpoint.url", Kind::String)
        .doc("Where the keys are that tokens are checked with."),
    class(
        "sasl.oauthbearer.jwt.retriever.class",
        "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever",
    )
    .doc("Java class that gets tokens."),
    class(
        "sasl.oauthbearer.jwt.validator.class",
        "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator",
    )
    .doc("Java class that checks tokens."),
    null("sasl.oauthbearer.scope", Kind::String).doc("Scope that tokens are asked for."),
    string("sasl.oauthbearer.scope.claim.name", "scope").doc("Field of a token with its scope."),
    string("sasl.oauthbearer.sub.claim.name", "sub").doc("Field of a token with its subject."),
    null("sasl.oauthbearer.token.endpoint.url", Kind::String).doc("Where tokens are got."),
    null("sasl.server.callback.handler.class", Kind::Class)
        .doc("Java class that answers questions of SASL on the server's side."),
    int("sasl.server.max.receive.size", 524_288).doc("Largest message of a SASL exchange."),
    null("security.providers", Kind::String).doc("Java classes that provide security algorithms."),
    boolean("ssl.allow.dn.changes", false)
        .doc("Whether a new certificate may have another distinguished name."),
    boolean("ssl.allow.san.changes", false)
        .doc("Whether a new certificate may have other alternative names."),
    list("ssl.cipher.suites", "")
        .per_broker()
        .doc("Cipher suites for TLS; empty takes those of the implementation."),
    string("ssl.client.auth", "none")
        .one_of(&["required", "requested", "none"])
        .per_broker()
        .doc("Whether clients must, may or need not show a certificate."),
    list("ssl.enabled.protocols", "TLSv1.2,TLSv1.3").per_broker().doc("Versions of TLS that are accepted."),
    string("ssl.endpoint.identification.algorithm", "https")
        .per_broker()
        .doc("How a server's name is checked with its certificate; empty leaves it unchecked."),
    null("ssl.engine.factory.class", Kind::Class).per_broker().doc("Java class that makes TLS engines."),
    null("ssl.key.password", Kind::Password).per_broker().doc("What opens the private key."),
    string("ssl.keymanager.algorithm", "SunX509").per_broker().doc("Java algorithm of the key manager."),
    null("ssl.keystore.certificate.chain", Kind::Password).per_broker().doc("Own certificates as PEM text."),
    null("ssl.keystore.key", Kind::Password).per_broker().doc("Own private key as PEM text."),
    null("ssl.keystore.location", Kind::String).per_broker().doc("File with the own key and certificates."),
    null("ssl.keystore.password", Kind::Password).per_broker().doc("What opens the key store."),
    string("ssl.keystore.type", "JKS").per_broker().doc("Format of the key store."),
    string("ssl.principal.mapping.rules", "DEFAULT").doc("How names in certificates become principals."),
    string("ssl.protocol", "TLSv1.3").per_broker().doc("Version of TLS that is preferred."),
    null("ssl.provider", Kind::String).per_broker().doc("Java security provider for TLS."),
    null("ssl.secure.random.implementation", Kind::String)
        .per_broker()
        .doc("Java source of randomness for TLS."),
    string("ssl.trustmanager.algorithm", "PKIX").per_broker().doc("Java algorithm of the trust manager."),
    null("ssl.truststore.certificates", Kind::Password).per_broker().doc("Trusted certificates as PEM text."),
    null("ssl.truststore.location", Kind::String).per_broker().doc("File with trusted certificates."),
    null("ssl.truststore.password", Kind::Password).per_broker().doc("What opens the trust store."),
    string("ssl.truststore.type", "JKS").per_broker().doc("Format of the trust store."),
];
