//! AlterClientQuotas (key 49): changes quotas of users, client ids and addresses.

pub use request::AlterClientQuotasRequest;
pub use response::AlterClientQuotasResponse;

pub mod request {
    //! The request.

    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(request = 49, versions = "0-1", flexible = "1+", listeners = "broker, controller")]
    pub struct AlterClientQuotasRequest {
        pub entries: Vec<EntryData>,
        pub validate_only: bool,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct EntryData {
        pub entity: Vec<EntityData>,
        pub ops: Vec<OpData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct EntityData {
        pub entity_type: String,
        #[kafka(nullable = "0+")]
        pub entity_name: Option<String>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct OpData {
        pub key: String,
        pub value: f64,
        pub remove: bool,
    }
}

pub mod response {
    //! The response.

    use klamm_wire_derive::Message;

    #[derive(Clone, Debug, PartialEq, Message)]
    #[kafka(response = 49, versions = "0-1", flexible = "1+")]
    pub struct AlterClientQuotasResponse {
        pub throttle_time_ms: i32,
        pub entries: Vec<EntryData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct EntryData {
        pub error_code: i16,
        #[kafka(nullable = "0+")]
        pub error_message: Option<String>,
        pub entity: Vec<EntityData>,
    }

    #[derive(Clone, Debug, PartialEq, Message)]
    pub struct EntityData {
        pub entity_type: String,
        #[kafka(nullable = "0+")]
        pub entity_name: Option<String>,
    }
}
