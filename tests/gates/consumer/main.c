// SPDX-License-Identifier: Apache-2.0
#include <silhouette/claim.h>
#include <silhouette/model.h>
#include <silhouette/schema.h>
#include <silhouette/simulate.h>
#include <silhouette/version.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    struct sil_schema *schema = NULL;
    struct sil_error error = {""};
    sil_status status = sil_schema_parse(&schema, "{}", 2, &error);
    sil_schema_free(schema);
    (void)printf("%s %d\n", sil_version(), (int)status);
    return status == SIL_ERR_INPUT && strcmp(sil_version(), SIL_VERSION) == 0 ? 0 : 1;
}
