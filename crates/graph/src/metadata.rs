//! `$metadata`: the types, operations and sets that are served, in CSDL (OData 4.0 part 3).

use std::sync::LazyLock;

/// The document of v1.0.
const V1: &str = include_str!("../csdl/metadata.xml");

/// What beta has in place of what v1.0 has: keys of template metadata begin with small letters, but for one;
/// service principals tell where their SAML metadata is; synchronization can be pinged.
const BETA: [(&str, &str); 10] = [
    ("\"GalleryApplicationIdentifier\"", "\"galleryApplicationIdentifier\""),
    ("\"GalleryApplicationKey\"", "\"galleryApplicationKey\""),
    ("\"IsOAuthEnabled\"", "\"isOAuthEnabled\""),
    ("\"IsSynchronizationAgentRequired\"", "\"isSynchronizationAgentRequired\""),
    ("\"IsSynchronizationInPreview\"", "\"isSynchronizationInPreview\""),
    ("\"OAuthSettings\"", "\"oAuthSettings\""),
    ("\"SynchronizationLearnMoreIbizaFwLink\"", "\"synchronizationLearnMoreIbizaFwLink\""),
    ("\"ConfigurationFields\"", "\"configurationFields\""),
    (
        "        <Property Name=\"servicePrincipalNames\"",
        "        <Property Name=\"samlMetadataUrl\" Type=\"Edm.String\"/>\n        <Property \
         Name=\"servicePrincipalNames\"",
    ),
    (
        "      <EntityContainer ",
        "      <Function Name=\"Ping\" IsBound=\"true\">\n        <Parameter Name=\"bindingParameter\" \
         Type=\"graph.synchronization\"/>\n        <ReturnType Type=\"Edm.String\"/>\n      \
         </Function>\n      <EntityContainer ",
    ),
];

static BETA_DOCUMENT: LazyLock<String> =
    LazyLock::new(|| BETA.iter().fold(V1.to_owned(), |document, (v1, beta)| document.replacen(v1, beta, 1)));

/// The document of `/v1.0`, or of `/beta`.
#[must_use]
pub fn document(beta: bool) -> &'static str {
    if beta { &BETA_DOCUMENT } else { V1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beta_differs_where_it_should() {
        for (v1, beta) in BETA {
            assert_eq!(V1.matches(v1).count(), 1, "{v1}");
            assert_eq!(document(true).matches(beta).count(), 1, "{beta}");
        }
        assert!(!document(false).contains("Ping"));
    }
}
