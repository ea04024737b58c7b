//! Who is there, and who may do what.

pub mod alter_user_scram_credentials;
pub mod create_acls;
pub mod create_delegation_token;
pub mod default_principal;
pub mod delete_acls;
pub mod describe_acls;
pub mod describe_delegation_token;
pub mod describe_user_scram_credentials;
pub mod expire_delegation_token;
pub mod renew_delegation_token;
pub mod sasl_authenticate;
pub mod sasl_handshake;

pub use alter_user_scram_credentials::{AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse};
pub use create_acls::{CreateAclsRequest, CreateAclsResponse};
pub use create_delegation_token::{CreateDelegationTokenRequest, CreateDelegationTokenResponse};
pub use default_principal::DefaultPrincipalData;
pub use delete_acls::{DeleteAclsRequest, DeleteAclsResponse};
pub use describe_acls::{DescribeAclsRequest, DescribeAclsResponse};
pub use describe_delegation_token::{DescribeDelegationTokenRequest, DescribeDelegationTokenResponse};
pub use describe_user_scram_credentials::{
    DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse,
};
pub use expire_delegation_token::{ExpireDelegationTokenRequest, ExpireDelegationTokenResponse};
pub use renew_delegation_token::{RenewDelegationTokenRequest, RenewDelegationTokenResponse};
pub use sasl_authenticate::{SaslAuthenticateRequest, SaslAuthenticateResponse};
pub use sasl_handshake::{SaslHandshakeRequest, SaslHandshakeResponse};
