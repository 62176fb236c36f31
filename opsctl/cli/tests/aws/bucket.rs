//! What lies in the buckets of the account, and a replica beside its instance.

use aws_sdk_s3::primitives::ByteStream;

use crate::stage::{INSTANCE, Stage};

impl Stage {
    /// An object as it lies there.
    pub fn kept(&self, bucket: &str, key: &str) -> Vec<u8> {
        self.wait(async {
            let asked = self.s3_client().get_object().bucket(bucket).key(key);
            let body = asked.send().await.unwrap().body;
            body.collect().await.unwrap().to_vec()
        })
    }

    /// Puts another in its place, as somebody would by mistake.
    pub fn keep(&self, bucket: &str, key: &str, bytes: Vec<u8>) {
        let put = self.s3_client().put_object().bucket(bucket).key(key);
        self.wait(put.body(ByteStream::from(bytes)).send()).unwrap();
    }

    /// How an object is encrypted.
    pub fn encryption(&self, bucket: &str, key: &str) -> Option<String> {
        let asked = self.s3_client().head_object().bucket(bucket).key(key);
        let told = self.wait(asked.send()).unwrap();
        told.server_side_encryption()
            .map(|it| it.as_str().to_owned())
    }

    /// Lets the bucket encrypt nothing any more.
    pub fn decrypt(&self, bucket: &str) {
        let asked = self.s3_client().delete_bucket_encryption();
        self.wait(asked.bucket(bucket).send()).unwrap();
    }

    /// How many uploads of an export somebody began and nobody ended.
    pub fn uploads(&self, id: &str) -> usize {
        let asked = self.s3_client().list_multipart_uploads().bucket("backups");
        // MinIO tells of those of one object alone.
        let asked = asked.prefix(format!("exports/{id}/dump"));
        let told = self.wait(asked.send()).unwrap();
        told.uploads().len()
    }

    /// Makes a replica of the instance.
    pub fn follow(&self, name: &str) {
        self.wait(async {
            let create = self.rds().create_db_instance_read_replica();
            let create = create.db_instance_identifier(name);
            let asked = create.source_db_instance_identifier(INSTANCE).send();
            asked.await.unwrap();
            self.reaches(name, "available").await;
        });
    }
}
