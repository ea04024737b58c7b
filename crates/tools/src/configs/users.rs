//! SCRAM credentials of users: `--describe` and `--alter`. Passwords are salted here and never sent.

use klamm_base::ErrorCode;
use klamm_client::{ClientFault, Cluster};
use klamm_wire::alter_user_scram_credentials::{ScramCredentialDeletion, ScramCredentialUpsertion};
use klamm_wire::describe_user_scram_credentials::UserName;
use klamm_wire::{AlterUserScramCredentialsRequest, DescribeUserScramCredentialsRequest};

use super::changes::Changes;
use super::of_future;
use crate::World;
use crate::exception::{self, Exception};
use crate::exit::Exit;
use crate::storage::scram::{Mechanism, random_salt};

const ITERATIONS: i32 = 4096;

/// SCRAM's mechanisms by the names that stand for settings.
pub fn mechanism(name: &str) -> Option<Mechanism> {
    match name {
        "SCRAM-SHA-256" => Some(Mechanism::Sha256),
        "SCRAM-SHA-512" => Some(Mechanism::Sha512),
        _ => None,
    }
}

fn name_of(mechanism: i8) -> &'static str {
    match mechanism {
        1 => "SCRAM-SHA-256",
        2 => "SCRAM-SHA-512",
        _ => "UNKNOWN",
    }
}

/// One line for each user with credentials; all users without names.
pub async fn describe(cluster: &Cluster, names: &[String], world: &mut World<'_>) -> Result<(), Exit> {
    let users = names.iter().map(|name| UserName { name: name.clone() }).collect::<Vec<UserName>>();
    let request = DescribeUserScramCredentialsRequest { users: (!users.is_empty()).then_some(users) };
    let answer = cluster.ask_any(&request).await;
    let answer = answer.and_then(|answer| {
        ClientFault::check(answer.error_code, answer.error_message.clone()).map(|()| answer)
    });
    for user in answer.map_err(|fault| of_future(fault, "describeUserScramCredentials"))?.results {
        let name = &user.user;
        match ErrorCode::from_code(user.error_code) {
            ErrorCode::None => {
                let infos = user.credential_infos.iter();
                let infos =
                    infos.map(|info| format!("{}=iterations={}", name_of(info.mechanism), info.iterations));
                let infos = infos.collect::<Vec<String>>().join(", ");
                writeln!(world.out, "SCRAM credential configs for user-principal '{name}' are {infos}")?;
            }
            // Users without credentials are not told.
            ErrorCode::ResourceNotFound => {}
            error => {
                let exception = Exception::of_code(error, user.error_message.clone());
                writeln!(
                    world.out,
                    "Error retrieving SCRAM credential configs for user-principal '{name}': ExecutionException: \
                     {exception}"
                )?;
            }
        }
    }
    Ok(())
}

/// Sets and removes credentials of one user.
pub async fn alter(
    cluster: &Cluster,
    user: &str,
    changes: &Changes,
    world: &mut World<'_>,
) -> Result<(), Exit> {
    let mut upsertions = Vec::new();
    for (name, text) in &changes.add {
        let Some(mechanism) = mechanism(name) else { continue };
        let (iterations, password) = credential(mechanism, name, text)?;
        let salt = random_salt(world.rng);
        let salted = mechanism.salted(password.as_bytes(), &salt, iterations);
        let salted = salted.map_err(|fault| Exception::illegal_argument(fault.to_string()))?;
        upsertions.push(ScramCredentialUpsertion {
            name: user.to_owned(),
            mechanism: mechanism as i8,
            iterations,
            salt: salt.into(),
            salted_password: salted.into(),
        });
    }
    let deletions = changes.delete.iter().filter_map(|name| mechanism(name));
    let deletions = deletions
        .map(|mechanism| ScramCredentialDeletion { name: user.to_owned(), mechanism: mechanism as i8 });
    let request = AlterUserScramCredentialsRequest { deletions: deletions.collect(), upsertions };
    let of_future = |fault| of_future(fault, "alterUserScramCredentials");
    let answer = cluster
        .ask_controller(&request, |answer| answer.results.first().map_or(0, |result| result.error_code));
    let answer = answer.await.map_err(of_future)?;
    for result in answer.results {
        ClientFault::check(result.error_code, result.error_message).map_err(of_future)?;
    }
    Ok(())
}

/// `iterations=8192,password=secret` or `password=secret`.
fn credential<'a>(mechanism: Mechanism, name: &str, text: &'a str) -> Result<(i32, &'a str), Exception> {
    let invalid = || Exception::illegal_argument(format!("Invalid credential property {mechanism}={text}"));
    let (iterations, rest) = match text.strip_prefix("iterations=").and_then(|rest| rest.split_once(',')) {
        Some((iterations, rest)) => (Some(iterations), rest),
        None => (None, text),
    };
    let password = rest.strip_prefix("password=").ok_or_else(invalid)?;
    let iterations = match iterations {
        None | Some("-1") => ITERATIONS,
        Some(digits) if digits.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit()) => {
            let unreadable =
                |_| Exception::new(exception::ILLEGAL_ARGUMENT, format!("For input string: \"{digits}\""));
            digits.parse().map_err(unreadable)?
        }
        Some(_) => return Err(invalid()),
    };
    if iterations < ITERATIONS {
        return Err(Exception::illegal_argument(format!(
            "Iterations {iterations} is less than the minimum {ITERATIONS} required for {name}"
        )));
    }
    Ok((iterations, password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_iterations_and_a_password() {
        let read = |text| credential(Mechanism::Sha256, "SCRAM-SHA-256", text);
        assert_eq!(read("password=a,b"), Ok((4096, "a,b")));
        assert_eq!(read("iterations=8192,password=p"), Ok((8192, "p")));
        assert_eq!(read("iterations=-1,password=p"), Ok((4096, "p")));
        for (text, said) in [
            ("secret", "Invalid credential property SCRAM_SHA_256=secret"),
            ("iterations=x,password=p", "Invalid credential property SCRAM_SHA_256=iterations=x,password=p"),
            ("iterations=,password=p", "For input string: \"\""),
            (
                "iterations=5,password=p",
                "Iterations 5 is less than the minimum 4096 required for SCRAM-SHA-256",
            ),
        ] {
            assert_eq!(read(text).expect_err(text).message(), said);
        }
    }
}
